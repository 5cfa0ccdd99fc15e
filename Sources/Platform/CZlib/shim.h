#pragma once
#include <zlib.h>

/// What deflateInit2 is, which is a macro and so not seen from Swift; 31 window bits write the form of gzip.
static inline int tiffin_gzip_begin(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
