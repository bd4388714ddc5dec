"""Coming in and going out: the one-time link, signing in with a passphrase, signing out."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from needlewise.web.forms.doors import SignInForm
from needlewise.web.models import Entry


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in with a link that works once. A reader that fetches links ahead only sees the button, which burns nothing."""
    if request.method == "GET":
        return TemplateResponse(request, "needlewise/enter.html")
    user = Entry.use(secret)
    if user is None:
        return TemplateResponse(request, "needlewise/enter.html", {"spent": True}, status=403)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("today")


urlpatterns = [
    path("enter/<str:secret>/", enter, name="enter"),
    path("sign-in/", LoginView.as_view(template_name="needlewise/sign_in.html", authentication_form=SignInForm), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
