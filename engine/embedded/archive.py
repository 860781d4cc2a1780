"""A backup as one file: a zip with the dump, its manifest and, when asked for, the signing key.

The manifest is the last thing written, so a file that was cut off is recognised by not having one.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from engine.errors import Conflict, NotFound, Refused

FORMAT: Final = 1
_DUMP: Final = "database.dump"
_MANIFEST: Final = "manifest.json"
_KEY: Final = "keys/secret_key"
_CHUNK: Final = 1 << 20
# A manifest is a page of text.
_MOST_MANIFEST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `rows` are counts of the moment `taken_at`; `keys` names those that
    sealed its secrets, never the keys themselves."""

    format: int
    cadenza: str
    taken_at: str
    schema_revision: str
    postgres: str
    rows: Mapping[str, int]
    keys: tuple[str, ...]
    with_keys: bool
    dump_bytes: int = 0
    dump_sha256: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file and its checksum."""

    path: Path
    size_bytes: int
    sha256: str
    manifest: Manifest


@dataclass(slots=True)
class _Counting:
    """Hashes and counts what passes through."""

    out: IO[bytes]
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        self.digest.update(chunk)
        return self.out.write(chunk)


def write_archive(
    path: Path, manifest: Manifest, dump: Callable[[IO[bytes]], None], secret_key: str | None
) -> Written:
    """Write beside its place and move there whole; readable by its owner alone. Raises Conflict
    when something is there."""
    if path.exists():
        raise Conflict(f"{path} is there already. Choose another name, or move it away.")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            with archive.open(_DUMP, "w", force_zip64=True) as member:
                counting = _Counting(member)
                dump(counting)  # type: ignore[arg-type]  # a dump only writes
            if secret_key is not None:
                archive.writestr(_KEY, secret_key)
            told = asdict(manifest) | {
                "dump_bytes": counting.size,
                "dump_sha256": counting.digest.hexdigest(),
            }
            archive.writestr(_MANIFEST, json.dumps(told, indent=1))
        _to_disk(beside)
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)
    return Written(path, path.stat().st_size, sha256_of(path), _manifest_in(told, path))


def read_manifest(path: Path) -> Manifest:
    """Raises NotFound without the file, Refused when it is no whole backup."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(_MANIFEST).file_size > _MOST_MANIFEST_BYTES:
                raise Refused(f"{path} is no backup of Cadenza: its manifest is too large.")
            written = json.loads(archive.read(_MANIFEST))
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise Refused(f"{path} is no backup of Cadenza, or only a part of one.") from error
    return _manifest_in(written, path)


def take_out(path: Path, manifest: Manifest, place: IO[bytes]) -> None:
    """Write the dump into `place`. Raises Refused when it is not what was backed up."""
    counting = _Counting(place)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_DUMP) as member:
            while chunk := member.read(_CHUNK):
                counting.write(chunk)
                if counting.size > manifest.dump_bytes:
                    break
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise Refused(f"{path} is damaged. Use another backup; nothing was changed.") from error
    found = (counting.size, counting.digest.hexdigest())
    if found != (manifest.dump_bytes, manifest.dump_sha256):
        raise Refused(
            f"{path} is damaged: its rows do not have the checksum of its manifest. Use another "
            "backup; nothing was changed."
        )


def key_in(path: Path) -> str | None:
    """The signing key, where the backup was made with it."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(_KEY).decode() if _KEY in archive.namelist() else None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest_in(written: object, path: Path) -> Manifest:
    if not isinstance(written, dict) or written.get("format") != FORMAT:
        raise Refused(
            f"{path} was made by another release of Cadenza: this one reads format {FORMAT}."
        )
    try:
        manifest = Manifest(**{**written, "keys": tuple(written["keys"])})
        # a time that cannot be read must not be found out later
        assert manifest.moment.tzinfo is not None
    except (TypeError, KeyError, ValueError, AssertionError) as error:
        raise Refused(f"{path} is no backup of Cadenza: its manifest cannot be read.") from error
    return manifest


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
