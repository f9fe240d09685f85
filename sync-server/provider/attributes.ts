// The attributes of a CloudEvent as HTTP headers carry them. Senders differ: the binding has them percent-encoded, perhaps in quotes, and
// common libraries send them as they are; no header says which. So what an event is known by must not depend on it.

/** Text that was sent in UTF-8 as it is arrives as if each byte were a character. */
export function fromHeader(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return decoded(value)
  try {
    return decoded(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'latin1')))
  } catch (error) {
    // Latin-1 then, as HTTP has it.
    if (error instanceof TypeError) return decoded(value)
    throw error
  }
}

/**
 * The one spelling of a source or an id: read as a header until nothing is left to decode. So `a b`, `a%20b` and `a%2520b` are one, in a
 * header and in JSON alike.
 */
export function canonical(text: string): string {
  let now = text
  for (;;) {
    const next = decoded(now)
    // Each step that does anything makes it shorter.
    if (next === now) return now
    now = next
  }
}

/** Without quotes, percent sequences decoded where they are UTF-8; all others stay as they are. */
const decoded = (value: string): string =>
  (/^".+"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value).replace(SEQUENCE, (sequence) => {
    try {
      return decodeURIComponent(sequence)
    } catch (error) {
      if (error instanceof URIError) return sequence
      throw error
    }
  })

/** One character; NUL is none that could be stored. */
const SEQUENCE =
  /%(?!00)[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi
