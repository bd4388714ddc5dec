"""Signing in, and the passphrase for it."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm

from needlewise.web.forms.plain import Plainly


class SignInForm(Plainly, AuthenticationForm):
    """A name and a passphrase."""


class PassphraseForm(Plainly, SetPasswordForm):
    """A new passphrase, twice."""
