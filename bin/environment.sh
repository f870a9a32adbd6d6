# Sourced by the commands of this folder: the virtual environment that holds a lock file exactly.

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    fail 'Python 3.11 이상이 필요합니다. 예: apt install python3 python3-venv'
}

make_environment() {
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail 'Python의 venv와 ensurepip이 필요합니다. 예: apt install python3-venv'
    printf '%s\n' '가상 환경을 만듭니다: .venv'
    rm -rf .venv
    "$python" -m venv .venv
}

install_requirements() {
    printf '%s\n' "필요한 패키지를 설치합니다: $1"
    quiet=-q
    [ -t 1 ] && quiet=
    .venv/bin/python -m pip install $quiet --disable-pip-version-check --no-input \
        --only-binary=:all: --require-hashes -r "$1" || {
        printf '%s\n' '패키지를 설치하지 못했습니다. 인터넷 연결을 확인한 뒤 다시 실행하십시오.' >&2
        exit 1
    }
    cp "$1" ".venv/installed-$1"
}

# The lock itself is kept in the environment it describes: other bytes, another installation.
ensure() {
    { [ -x .venv/bin/python ] && new_enough .venv/bin/python; } || make_environment
    cmp -s "$1" ".venv/installed-$1" || install_requirements "$1"
}
