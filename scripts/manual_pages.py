r"""Manual pages and their German and French translations, from Debian packages.

    apt-get download manpages manpages-dev manpages-de manpages-de-dev manpages-fr manpages-fr-dev \
        at bash bsdextrautils bsdgames btrfs-progs bzip2 coreutils cpio cron cups-client \
        curl dash diffutils e2fsprogs findutils gawk git-man gnupg gpg gpgv grep groff \
        groff-base gzip iproute2 iputils-ping kmod less login lsof man-db mawk mount mtools \
        ncurses-bin net-tools netcat-openbsd nfs-common passwd patch procps psmisc psutils \
        pulseaudio-utils recode rpm rsync sed strace systemd systemd-container tar udev \
        util-linux util-linux-extra vim-common wget x11-common x11-utils xserver-xorg-core
    for package in *.deb; do dpkg-deb -x $package pages; done

A translation has the name of its original. Tables and code, which are not translated, are left out.
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from study_languages import manual

_CODE = re.compile(r"(?ms)^\.(nf|EX|SY|TS)\b.*?^\.(fi|EE|YS|TE)\b")
_N_CHARACTERS = 2000


@dataclass(frozen=True)
class Pages:
    """English pages to train on, and others with translations: ``test["de"]`` are pairs of texts.

    A third of the pages that have a translation into both languages are for tests, and a sixth for
    the choice of settings; no translation is trained on.
    """

    train: list[str]
    validation: dict[str, list[tuple[str, str]]]
    test: dict[str, list[tuple[str, str]]]


def load_pages(folder: Path) -> Pages:
    """Return the pages of the packages that were unpacked into a folder."""
    english, *translated = (_pages(folder, language) for language in (".", "de", "fr"))
    both = sorted(english.keys() & translated[0].keys() & translated[1].keys())
    order = np.random.default_rng(0).permutation(len(both))
    test = [both[i] for i in order[: len(both) // 3]]
    validation = [both[i] for i in order[len(both) // 3 : len(both) // 2]]
    held_out = {*test, *validation}

    def pairs(names: list[str]) -> dict[str, list[tuple[str, str]]]:
        return {
            language: [(english[name], pages[name]) for name in names]
            for language, pages in zip(("de", "fr"), translated, strict=True)
        }

    train = [text for name, text in sorted(english.items()) if name not in held_out]
    return Pages(train, pairs(validation), pairs(test))


def beginning(text: str) -> str:
    """Return as much of a page as a sentence encoder should read."""
    return text.strip()[:_N_CHARACTERS]


def _pages(folder: Path, language: str) -> dict[str, str]:
    pages = {}
    for path in sorted(folder.glob(f"usr/share/man/{language}/man*/*.gz")):
        if not path.is_symlink():
            source = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
            if not source.startswith(".so "):
                pages[path.name] = re.sub(r"[ \t]+", " ", manual(_CODE.sub("", source)))
    return pages
