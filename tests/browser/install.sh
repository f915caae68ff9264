#!/bin/sh
# The browser tests need Chromium: best its headless shell, whose pages cost a fifth of the processor time, or a
# whole one. From the system, or from Debian's packages where we may install them.
has() { command -v "$1" >/dev/null; }
is_offered() { apt-cache show "$1" >/dev/null 2>&1; }
is_there() { has chromium || has chromium-browser || has google-chrome; }

has chromium-headless-shell && has pdftoppm && exit 0
is_there && has pdftoppm && ! is_offered chromium-headless-shell && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
    echo "Installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    is_offered chromium-headless-shell || apt-get update -qq >/dev/null
    for browser in chromium-headless-shell chromium; do
        apt-get install -y -qq "$browser" fonts-noto-color-emoji poppler-utils >/dev/null && exit 0
        is_there && has pdftoppm && exit 0
    done
    exit 1
fi
is_there || echo "Chromium is missing; the browser tests will say so. Install the package chromium to run them." >&2
