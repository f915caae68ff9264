#!/bin/sh
# The browser tests need Chromium: from the system, or from Debian's package where we may install it.
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
    command -v pdftoppm >/dev/null && exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null && apt-get install -y -qq chromium fonts-noto-color-emoji poppler-utils >/dev/null
else
    echo "Chromium is missing; the browser tests will say so. Install the package chromium to run them." >&2
fi
