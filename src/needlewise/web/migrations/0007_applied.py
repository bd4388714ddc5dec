"""What was put on the skin in a session has a part and a name each."""

from django.db import migrations, models

from needlewise.web.models.sessions import applied_only


class Migration(migrations.Migration):
    dependencies = [("needlewise", "0006_find_pose")]

    operations = [
        migrations.AlterField("session", "products", models.JSONField(blank=True, default=list, validators=[applied_only]))
    ]
