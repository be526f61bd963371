"""Where programs of the system are."""

import os
import shutil


def system_program(name):
  """Its path, or None. Daemons are in folders that are not everybody's PATH."""
  path = os.environ.get('PATH', os.defpath)
  return shutil.which(name, path=path + ':/usr/sbin:/usr/local/sbin:/sbin')
