"""Which fact of the domain becomes which message: each exactly one."""

from analytics.domain.activity import Activity
from contracts import analytics as messages
from eventlog import Published

PUBLISHED = Published({Activity.Created: messages.ActivityRecorded})
