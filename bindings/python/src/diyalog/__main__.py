"""``python -m diyalog`` is the command ``diyalog``."""

import sys

from diyalog._command import main

if __name__ == "__main__":
    sys.exit(main())
