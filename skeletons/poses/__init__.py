"""Operations on the poses of a frame: select, merge duplicates, hide parts, cut parts out."""
