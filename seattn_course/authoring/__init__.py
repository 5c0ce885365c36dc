"""For maintainers: gates, pairing of the languages, exercise generation, validation. Learners need none of it."""

import sys

# jsonschema, which nbformat loads, tries to import this to check addresses (IRIs) that no notebook has, and builds
# a grammar for it in more than a second: most of the time of a short command. None makes that import fail.
sys.modules.setdefault("rfc3987_syntax", None)
