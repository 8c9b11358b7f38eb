# shellcheck shell=sh
# Runs in the image's build, as root: removes what a running server does not need.
set -eu

# The package manager's own database outlives it, so the image still says what is in it.
dpkg --purge --force-remove-essential --force-remove-protected --force-depends \
    apt libapt-pkg7.0 sqv perl-base debian-archive-keyring e2fsprogs mount passwd login login.pam \
    libpam-modules libpam-modules-bin libpam-runtime libpam0g logsave util-linux bsdutils \
    ncurses-bin >/dev/null 2>&1 || true
rm -rf /usr/lib/*/gconv /usr/share/doc/* /usr/share/man /usr/share/locale /usr/share/i18n \
    /usr/share/info /usr/share/bash-completion /usr/share/perl* /usr/lib/*/perl* \
    /var/lib/apt /var/cache/* /var/log/* /etc/apt /trim.sh
find /tmp /root -mindepth 1 -delete
# Setuid programs are of no use to a process that may not gain privileges.
find / -xdev -perm /6000 -type f -exec chmod a-s {} +
