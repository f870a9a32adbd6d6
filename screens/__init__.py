"""What people see and press: business screens composed from components."""
