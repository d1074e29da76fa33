"""The parts of the generated reference, one file per part. Each offers `pages(book)`: file name -> Markdown."""
