"""How an alert travels: to a webhook, or by mail.

A channel says in words what kept a message from arriving, and these words hold no address and
no password: libraries put both into the texts of their errors.
"""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http import HTTPStatus
from typing import IO, Literal, Protocol
from urllib.parse import urlsplit

from orchestration.alerts.texts import Alert, as_slack, as_teams, as_text, subject
from orchestration.settings import Settings

# Seconds for one answer of a receiver.
TIMEOUT = 4.0

_SMTP_OVER_TLS = 465
_TEAMS_HOSTS = ("office.com", "azure.com", "powerplatform.com", "microsoft.com")


class NotDeliveredError(Exception):
    """A message did not arrive; the text says why and holds no secret.

    Attributes:
        may_pass: Whether the same message may arrive a moment later.
    """

    def __init__(self, text: str, *, may_pass: bool) -> None:
        """Keep why, and whether it may pass."""
        super().__init__(text)
        self.may_pass = may_pass


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """What it is called; no address."""

    def send(self, alert: Alert) -> None:
        """Send one message, once.

        Raises:
            NotDeliveredError: It did not arrive.
        """


def channels(settings: Settings) -> tuple[Channel, ...]:
    """The ways that the settings name; none where they name none."""
    found: list[Channel] = []
    if settings.alert_webhook_url is not None:
        url = settings.alert_webhook_url.get_secret_value()
        found.append(Webhook(url, webhook_format(url, settings.alert_webhook_format)))
    if settings.alert_email_to is not None:
        secret = settings.smtp_password
        found.append(
            Mail(
                recipients=tuple(one.strip() for one in settings.alert_email_to.split(",")),
                sender=settings.alert_email_from or f"olist-dw@{socket.gethostname()}",
                host=settings.smtp_host,
                port=settings.smtp_port,
                user=settings.smtp_user,
                password=None if secret is None else secret.get_secret_value(),
                starttls=settings.smtp_starttls,
            )
        )
    return tuple(found)


def webhook_format(
    url: str, wanted: Literal["auto", "slack", "teams"]
) -> Literal["slack", "teams"]:
    """The form a webhook takes, by its host where nobody says."""
    if wanted != "auto":
        return wanted
    host = (urlsplit(url).hostname or "").lower()
    is_teams = any(host == name or host.endswith(f".{name}") for name in _TEAMS_HOSTS)
    return "teams" if is_teams else "slack"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the message into a request without it, and look delivered."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - urllib's interface
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: object,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        """Follow none."""
        return


@dataclass(frozen=True)
class Webhook:
    """An incoming webhook; its address is the secret, so it is not part of ``repr``."""

    _url: str
    format: Literal["slack", "teams"]

    def __repr__(self) -> str:
        """The form alone."""
        return f"Webhook({self.format})"

    @property
    def name(self) -> str:
        """What it is called."""
        return f"webhook in {self.format.capitalize()} form"

    def send(self, alert: Alert) -> None:
        """Post one message."""
        content = as_teams(alert) if self.format == "teams" else as_slack(alert)
        # The settings let only http and https pass.
        request = urllib.request.Request(  # noqa: S310
            self._url,
            data=json.dumps(content).encode("utf-8"),
            headers={"Content-Type": "application/json", "User-Agent": "olist-dw"},
            method="POST",
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            text, may_pass = _http_words(error.code)
        except (OSError, urllib.error.URLError) as error:
            text, may_pass = _network_words(error), True
        except Exception as error:  # noqa: BLE001 - whatever it says may hold the address
            text, may_pass = f"it cannot be asked ({type(error).__name__})", False
        # Not "from error": its text and that of its cause may hold the address.
        raise NotDeliveredError(text, may_pass=may_pass) from None


def _http_words(code: int) -> tuple[str, bool]:
    is_busy = code == HTTPStatus.TOO_MANY_REQUESTS
    may_pass = is_busy or code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return f"it answered {code}", may_pass


@dataclass(frozen=True)
class Mail:
    """Mail by SMTP; neither password nor addresses are part of ``repr``."""

    recipients: tuple[str, ...]
    sender: str
    host: str | None
    port: int
    user: str | None
    password: str | None
    starttls: bool

    def __repr__(self) -> str:
        """How many it goes to."""
        return f"Mail({len(self.recipients)} recipients)"

    @property
    def name(self) -> str:
        """What it is called."""
        return "e-mail"

    def send(self, alert: Alert) -> None:
        """Send one message to all recipients."""
        if self.host is None:
            message = "OLIST_SMTP_HOST names no mail server"
            raise NotDeliveredError(message, may_pass=False)
        try:
            with self._connect(self.host) as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                refused = server.send_message(self._message(alert))
        except Exception as error:  # noqa: BLE001 - whatever it says may hold the password
            text, may_pass = _mail_words(error)
        else:
            if not refused:
                return
            text = (
                f"the mail server refused {len(refused)} of {len(self.recipients)} recipients"
            )
            may_pass = False
        raise NotDeliveredError(text, may_pass=may_pass) from None

    def _connect(self, host: str) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.port == _SMTP_OVER_TLS:
            return smtplib.SMTP_SSL(host, self.port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(host, self.port, timeout=TIMEOUT)
        if self.starttls:
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, alert: Alert) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = subject(alert)
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="olist-dw")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(as_text(alert))
        return message


def _mail_words(error: Exception) -> tuple[str, bool]:
    """Why the mail server did not take it, and whether it may do so a moment later."""
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(
        error, smtplib.SMTPAuthenticationError
    ):
        try_again = 400 <= error.smtp_code < 500  # noqa: PLR2004 - SMTP's own classes
        return f"the mail server answered {error.smtp_code}", try_again
    for kind, text, may_pass in _MAIL_ERRORS:
        if isinstance(error, kind):
            return text, may_pass
    if isinstance(error, OSError):
        return _network_words(error), True
    return f"it cannot be sent ({type(error).__name__})", False


_MAIL_ERRORS: tuple[tuple[type[Exception], str, bool], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        "the mail server refused the name or the password",
        False,
    ),
    (
        smtplib.SMTPNotSupportedError,
        "the mail server offers no TLS or no login (see OLIST_SMTP_STARTTLS)",
        False,
    ),
    (smtplib.SMTPRecipientsRefused, "the mail server refused every recipient", False),
    (smtplib.SMTPServerDisconnected, "the mail server hung up", True),
)


def _network_words(error: BaseException) -> str:
    """Why nobody answered, without the name of whom we asked."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    if isinstance(reason, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(reason, socket.gaierror):
        return "its host is not known"
    if isinstance(reason, ssl.SSLError):
        return "its certificate or its TLS is not accepted"
    return f"the connection failed ({type(reason).__name__})"
