import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('council', 'County council'), ('district', 'District or borough council'), ('police', 'Police'), ('health', 'Health body'), ('school', 'School or college'), ('probation', 'Probation'), ('voluntary', 'Voluntary or community organisation'), ('other', 'Other agency')], max_length=20)),
                ('is_statutory_partner', models.BooleanField(default=False)),
                ('starts', models.DateField(blank=True, null=True)),
                ('ends', models.DateField(blank=True, help_text='The first day on which it no longer exists', null=True)),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='partnership.organisation')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='organisation_ends_after_start'), models.CheckConstraint(condition=models.Q(('successor', models.F('pk')), _negated=True), name='organisation_not_own_successor')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=150)),
                ('job_title', models.CharField(blank=True, max_length=150)),
                ('is_active', models.BooleanField(default=True)),
                ('is_superuser', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'account',
                'ordering': ['name', 'email'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_any_case')],
            },
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(help_text='Who must see to it', on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='partnership.organisation')),
                ('what', models.CharField(max_length=500)),
                ('who', models.CharField(help_text='A role, not a name', max_length=150)),
                ('due', models.DateField()),
                ('status', models.CharField(choices=[('open', 'Not started'), ('in_progress', 'In progress'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=15)),
                ('evidence', models.TextField(blank=True, help_text='What shows that it is done')),
                ('source_type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('source_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_on', models.DateField(blank=True, null=True)),
                ('urgent', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['due', 'pk'],
                'indexes': [models.Index(fields=['source_type', 'source_id'], name='action_source'), models.Index(fields=['organisation', 'status', 'due'], name='action_organisation_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='action_done_has_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('finished_on', None), ('status__in', ('open', 'in_progress'))), models.Q(models.Q(('status__in', ('open', 'in_progress')), _negated=True), models.Q(('finished_on', None), _negated=True)), _connector='OR'), name='action_finished_has_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ActionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partnership.action')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('organisation', models.ForeignKey(db_constraint=False, help_text='Who must see to it', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partnership.organisation')),
                ('what', models.CharField(max_length=500)),
                ('who', models.CharField(help_text='A role, not a name', max_length=150)),
                ('due', models.DateField()),
                ('status', models.CharField(choices=[('open', 'Not started'), ('in_progress', 'In progress'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=15)),
                ('evidence', models.TextField(blank=True, help_text='What shows that it is done')),
                ('source_type', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contenttypes.contenttype')),
                ('source_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_on', models.DateField(blank=True, null=True)),
                ('urgent', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('about_id', models.PositiveBigIntegerField()),
                ('kind', models.CharField(help_text='Registered with partnership.engine.documents', max_length=40)),
                ('title', models.CharField(max_length=250)),
                ('file', models.FileField(blank=True, upload_to='%Y/%m/')),
                ('filename', models.CharField(blank=True, help_text='What the person who saves it gets', max_length=200)),
                ('content_type', models.CharField(blank=True, max_length=100)),
                ('size', models.PositiveBigIntegerField(default=0, help_text='Bytes')),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('status', models.CharField(choices=[('wanted', 'Being made'), ('ready', 'Ready'), ('failed', 'Could not be made')], default='wanted', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('error', models.TextField(blank=True)),
                ('wanted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('wanted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-wanted_at', '-pk'],
                'indexes': [models.Index(fields=['about_type', 'about_id', 'kind'], name='document_about')],
            },
        ),
        migrations.CreateModel(
            name='HeldText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('about_id', models.PositiveBigIntegerField()),
                ('field', models.CharField(max_length=60)),
                ('text', models.TextField(blank=True)),
                ('kinds', models.CharField(help_text='What it looked like, e.g. nhs_number', max_length=200)),
                ('status', models.CharField(choices=[('waiting', 'Waiting to be looked at'), ('released', 'Released'), ('redacted', 'Redacted')], default='waiting', max_length=10)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['written_at', 'pk'],
                'indexes': [models.Index(fields=['about_type', 'about_id'], name='heldtext_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'redacted'), _negated=True), ('text', ''), _connector='OR'), name='heldtext_redacted_is_forgotten'), models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('about_type', 'about_id', 'field'), name='heldtext_one_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-sent_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='OrganisationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partnership.organisation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('council', 'County council'), ('district', 'District or borough council'), ('police', 'Police'), ('health', 'Health body'), ('school', 'School or college'), ('probation', 'Probation'), ('voluntary', 'Voluntary or community organisation'), ('other', 'Other agency')], max_length=20)),
                ('is_statutory_partner', models.BooleanField(default=False)),
                ('starts', models.DateField(blank=True, null=True)),
                ('ends', models.DateField(blank=True, help_text='The first day on which it no longer exists', null=True)),
                ('successor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partnership.organisation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OutgoingMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Which message: templates/emails/<name>_….txt', max_length=60)),
                ('to_user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('to_email', models.EmailField(max_length=320)),
                ('subject', models.CharField(max_length=250)),
                ('body', models.TextField(blank=True)),
                ('secret', models.BooleanField(default=False, help_text='Its text is forgotten once it is sent or given up')),
                ('message_id', models.CharField(max_length=200, unique=True)),
                ('status', models.CharField(choices=[('queued', 'Waiting to be sent'), ('sent', 'Sent'), ('failed', 'Not delivered')], default='queued', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('about_type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('about_id', models.PositiveBigIntegerField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('status', 'queued')), fields=['next_attempt_at'], name='outgoingmessage_due'), models.Index(fields=['about_type', 'about_id'], name='outgoingmessage_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='outgoingmessage_sent_has_a_time')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('business_unit', 'Business unit'), ('scrutineer', 'Scrutineer'), ('partner', 'Safeguarding partner or group member'), ('hub_lead', 'Hub lead'), ('practitioner', 'Practitioner'), ('dsl', 'Designated safeguarding lead'), ('deputy_dsl', 'Deputy designated safeguarding lead'), ('headteacher', 'Headteacher or principal'), ('chair_of_governors', 'Chair of governors or proprietor'), ('elected_member', 'Elected member')], max_length=30)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='partnership.organisation')),
                ('starts', models.DateField(default=django.utils.timezone.localdate)),
                ('ends', models.DateField(blank=True, help_text='The first day without the role', null=True)),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'role',
                'ordering': ['role', 'starts', 'pk'],
                'indexes': [models.Index(fields=['organisation', 'role'], name='rolegrant_by_organisation')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='rolegrant_ends_not_before_start'), models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['chair_of_governors', 'deputy_dsl', 'dsl', 'headteacher']), _negated=True), ('organisation__isnull', False), _connector='OR'), name='rolegrant_school_roles_have_a_school'), models.CheckConstraint(condition=models.Q(models.Q(('role__in', ['business_unit', 'scrutineer']), _negated=True), ('organisation__isnull', True), _connector='OR'), name='rolegrant_everywhere_roles_have_no_scope'), models.UniqueConstraint(condition=models.Q(('ends', None)), fields=('user', 'role', 'organisation'), name='rolegrant_one_open_of_a_kind', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('ends', None), ('role__in', ['chair_of_governors', 'dsl', 'headteacher'])), fields=('organisation', 'role'), name='rolegrant_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrantEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partnership.rolegrant')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('business_unit', 'Business unit'), ('scrutineer', 'Scrutineer'), ('partner', 'Safeguarding partner or group member'), ('hub_lead', 'Hub lead'), ('practitioner', 'Practitioner'), ('dsl', 'Designated safeguarding lead'), ('deputy_dsl', 'Deputy designated safeguarding lead'), ('headteacher', 'Headteacher or principal'), ('chair_of_governors', 'Chair of governors or proprietor'), ('elected_member', 'Elected member')], max_length=30)),
                ('organisation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partnership.organisation')),
                ('starts', models.DateField(default=django.utils.timezone.localdate)),
                ('ends', models.DateField(blank=True, help_text='The first day without the role', null=True)),
                ('granted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StatusChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('about_id', models.PositiveBigIntegerField()),
                ('verb', models.CharField(max_length=60)),
                ('from_status', models.CharField(max_length=30)),
                ('to_status', models.CharField(max_length=30)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['about_type', 'about_id'], name='statuschange_about')],
            },
        ),
        migrations.CreateModel(
            name='UnsavedForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=43, unique=True)),
                ('path', models.CharField(max_length=500)),
                ('fields', models.JSONField()),
                ('kept_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-kept_at'],
            },
        ),
        migrations.CreateModel(
            name='UserEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(max_length=150)),
                ('job_title', models.CharField(blank=True, max_length=150)),
                ('is_active', models.BooleanField(default=True)),
                ('is_superuser', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."job_title" IS DISTINCT FROM (NEW."job_title") OR OLD."name" IS DISTINCT FROM (NEW."name"))', func='INSERT INTO "partnership_userevent" ("date_joined", "email", "id", "is_active", "is_superuser", "job_title", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."date_joined", OLD."email", OLD."id", OLD."is_active", OLD."is_superuser", OLD."job_title", OLD."name", _pgh_attach_context(), NOW(), \'update\', OLD."id"); RETURN NULL;', hash='c9352870fe7a300aa27002642eb88a936a668b6e', operation='UPDATE', pgid='pgtrigger_update_update_ba476', table='partnership_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "partnership_organisationevent" ("ends", "id", "is_statutory_partner", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "successor_id") VALUES (OLD."ends", OLD."id", OLD."is_statutory_partner", OLD."kind", OLD."name", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."starts", OLD."successor_id"); RETURN NULL;', hash='f6a387202418bfb786f09466fdd9f7bd5c1b64f1', operation='UPDATE', pgid='pgtrigger_update_update_79377', table='partnership_organisation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "partnership_organisationevent" ("ends", "id", "is_statutory_partner", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "successor_id") VALUES (OLD."ends", OLD."id", OLD."is_statutory_partner", OLD."kind", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."starts", OLD."successor_id"); RETURN NULL;', hash='80c441dba9b398659f302db6656b97633251d2fa', operation='DELETE', pgid='pgtrigger_delete_delete_79edf', table='partnership_organisation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='action',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "partnership_actionevent" ("created_at", "created_by_id", "due", "evidence", "finished_on", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "source_type_id", "status", "urgent", "what", "who") VALUES (OLD."created_at", OLD."created_by_id", OLD."due", OLD."evidence", OLD."finished_on", OLD."id", OLD."organisation_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."source_id", OLD."source_type_id", OLD."status", OLD."urgent", OLD."what", OLD."who"); RETURN NULL;', hash='89648feaa970feced5678e87c7c12fb7012a5a14', operation='UPDATE', pgid='pgtrigger_update_update_19882', table='partnership_action', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='action',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "partnership_actionevent" ("created_at", "created_by_id", "due", "evidence", "finished_on", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "source_type_id", "status", "urgent", "what", "who") VALUES (OLD."created_at", OLD."created_by_id", OLD."due", OLD."evidence", OLD."finished_on", OLD."id", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source_id", OLD."source_type_id", OLD."status", OLD."urgent", OLD."what", OLD."who"); RETURN NULL;', hash='cfa340a9a8f026586c8e8924266c7d1cb99e2165', operation='DELETE', pgid='pgtrigger_delete_delete_4d30b', table='partnership_action', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "partnership_rolegrantevent" ("ends", "granted_at", "granted_by_id", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "starts", "user_id") VALUES (NEW."ends", NEW."granted_at", NEW."granted_by_id", NEW."id", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."starts", NEW."user_id"); RETURN NULL;', hash='d28821370d9278f9a2fdd307e61785ee4f8e2f3e', operation='INSERT', pgid='pgtrigger_insert_insert_b9934', table='partnership_rolegrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "partnership_rolegrantevent" ("ends", "granted_at", "granted_by_id", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "starts", "user_id") VALUES (OLD."ends", OLD."granted_at", OLD."granted_by_id", OLD."id", OLD."organisation_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."role", OLD."starts", OLD."user_id"); RETURN NULL;', hash='a0f9ee3d596410cb7958839070b41497f8423676', operation='UPDATE', pgid='pgtrigger_update_update_f5d2a', table='partnership_rolegrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "partnership_rolegrantevent" ("ends", "granted_at", "granted_by_id", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "starts", "user_id") VALUES (OLD."ends", OLD."granted_at", OLD."granted_by_id", OLD."id", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."starts", OLD."user_id"); RETURN NULL;', hash='ce57cb1a574c7719aa2579e98bc11ee885885d06', operation='DELETE', pgid='pgtrigger_delete_delete_5c12d', table='partnership_rolegrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statuschange',
            trigger=pgtrigger.compiler.Trigger(name='statuschange_immutable', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='794a44e39a9f0a91d0d6ef28f9c7acd8142209df', operation='UPDATE OR DELETE', pgid='pgtrigger_statuschange_immutable_ed8d3', table='partnership_statuschange', when='BEFORE')),
        ),
    ]
