"""Apart from the copying before it: PostgreSQL alters no table that was written in the same transaction."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hub", "0002_keys_prices_defaults")]

    operations = [migrations.RemoveField(model_name="connection", name="sealed_key")]
