"""The one Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """needlewise's records and pages."""

    name = "needlewise.web"
    label = "needlewise"
    verbose_name = "needlewise"
