-- The application reads and writes rows; only the owner makes and changes tables.
\set password `cat /run/secrets/postgres_password`
CREATE ROLE farmq LOGIN PASSWORD :'password';
GRANT CONNECT ON DATABASE farmq TO farmq;
GRANT USAGE ON SCHEMA public TO farmq;
ALTER DEFAULT PRIVILEGES FOR ROLE farmq_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO farmq;
ALTER DEFAULT PRIVILEGES FOR ROLE farmq_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO farmq;
