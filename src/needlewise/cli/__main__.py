"""`python -m needlewise.cli`."""

import sys

from needlewise.cli import main

sys.exit(main())
