"""Files that people hand in, read by one reader wherever they are and whatever packs them.

:func:`include.infra.input_files.reader.read_rows` reads one; what is wrong with it is told line by line.
"""
