// Whether the asker has it already, by RFC 9110: `If-None-Match` may name several, weak ones too, or any.

/** @param etag what would be answered now, in its quotes */
export const hasIt = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.trim() === '*' || (ifNoneMatch?.match(/"[^"]*"/g)?.includes(etag) ?? false)
