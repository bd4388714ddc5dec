"""Whether the pose of a photo is to be found in the picture."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needlewise", "0005_settled")]

    operations = [migrations.AddField("photo", "find_pose", models.BooleanField(default=False))]
