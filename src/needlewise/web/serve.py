"""`needlewise serve`: one process, one folder, one link to sign in with."""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needlewise.errors import InputError
from needlewise.web import place

OWNER = "owner"
MOST_BYTES = 2_000_000_000  # of one request: a folder of two hundred photos of 10 MB


@dataclass(frozen=True)
class How:
    """How to serve: address, names under which it is reached, TLS in front of it, and whether to show the demo."""

    bind: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    tls: bool = False
    demo: bool = False
    browser: bool = True

    @property
    def loopback(self) -> bool:
        if self.bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return False


def start(home: Path | None = None) -> None:
    """Make Django ready for the records in `home` (or where they usually are)."""
    if home is not None:
        os.environ[place.HOME] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "needlewise.web.settings")
    import django

    os.umask(0o077)  # the database's own side files, too, are for their owner only
    django.setup()


def upgrade() -> bool:
    """Bring the records to this version's form; what was there before is backed up first. Return whether anything changed."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    if executor.loader.applied_migrations:
        from needlewise.web.services.backups import back_up

        back_up(migrating=True)
    call_command("migrate", interactive=False, verbosity=0)
    return True


def owner() -> Any:
    """Return the first account, made on first start without a passphrase: it comes in by link."""
    from django.contrib.auth.models import User

    found = User.objects.filter(is_superuser=True).order_by("date_joined").first()
    return found or User.objects.create_superuser(OWNER)


def serve(how: How) -> None:
    """Serve until told to stop.

    Raises
    ------
    InputError
        The address is taken, or reaches beyond this machine while an account has no passphrase.
    """
    import waitress

    if how.tls:
        os.environ["NEEDLEWISE_TLS"] = "1"
    os.environ["NEEDLEWISE_HOSTS"] = ",".join(how.names)
    home = place.prepare(place.home() / "demo" if how.demo else place.home())
    tempfile.tempdir = str(home)  # uploads on their way stay in the private folder
    start(home)
    from needlewise.web.room import Channel
    from needlewise.web.services import files, measuring

    with files.on_disk(home):
        secret, _serving = _made_ready(how, home)
    from needlewise.web.wsgi import application

    try:
        server = waitress.create_server(
            application, host=how.bind, port=how.port, threads=8, ident="", max_request_body_size=MOST_BYTES,
            clear_untrusted_proxy_headers=True,
        )  # fmt: skip
    except OSError as error:
        why = f"{(error.strerror or '').lower()}; try --port {how.port + 1}"
        raise InputError("address", f"{how.bind}:{how.port}", "one that is free", why) from None
    for part in (server, *getattr(server, "map", {}).values()):
        if hasattr(part, "channel_class"):
            part.channel_class = Channel
    name = how.names[0] if how.names else "localhost" if how.loopback else how.bind
    site = f"https://{name}" if how.tls else f"http://{name}:{how.port}"
    link = f"{site}/enter/{secret}/"
    print(f"needlewise is ready. Open this link; it signs you in once, within 15 minutes:\n\n  {link}\n")
    print("Nothing leaves this machine. Stop with Ctrl-C; what is saved stays saved.", flush=True)
    if how.browser and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(link)
    stop = threading.Event()
    keeper = threading.Thread(target=measuring.keep_up, args=(stop,), daemon=True)
    keeper.start()
    try:
        server.run()
    finally:
        server.close()
        stop.set()
        keeper.join(5)


def _made_ready(how: How, home: Path) -> tuple[str, Any]:
    """Bring the records up to date, put right what a kill left; return the link's secret, and what says that these are served."""
    from needlewise.web.models import Entry
    from needlewise.web.services import files

    upgrade()
    if how.demo:
        from needlewise.web.demo.records import fill

        fill(owner())
    _beyond(how)
    serving = place.claim(home / "serving.lock")
    if serving is not None:  # nobody else serves these records, so nothing unfinished is anybody's
        files.sweep()
    return Entry.new(owner()), serving


def _beyond(how: How) -> None:
    """Refuse to be reached from elsewhere while an account is open to whoever asks."""
    if how.loopback:
        return
    from django.contrib.auth.models import User

    owner()  # the first start of all has nobody yet, and would pass as closed
    open_ones = [user.username for user in User.objects.all() if not user.has_usable_password()]
    if open_ones:
        raise InputError(
            "bind", how.bind, "127.0.0.1 until every account has a passphrase",
            f"without one: {', '.join(open_ones)}; set it under Yours, then bind again behind TLS",
        )  # fmt: skip
    if not how.tls:
        print("Beyond this machine, put TLS in front (such as Caddy or nginx) and add --tls.")
        print("Without it, photos and passphrases travel so that others on the network can read them.")
