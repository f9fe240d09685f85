// Texts that want to be more than text, and which fields take them: read off the schemas, so that a new field is tried as well.
import type { GenericSchema } from 'valibot'
import * as v from 'valibot'

export const RUN = 'window.harmed=1'

/** Stored as they are, and shown as text. */
export const PAYLOADS: readonly string[] = [
  `<script>${RUN}</script>`,
  `<img src=x onerror=${RUN}>`,
  `"><svg onload=${RUN}>`,
  `' autofocus onfocus=${RUN} x='`,
  `<a href="javascript:${RUN}">x</a>`,
  `<iframe srcdoc="<script>parent.harmed=1</script>">`,
  `<math><mtext></mtext><style><img src=x onerror=${RUN}></style></math>`,
  `--><script>${RUN}</script><!--`,
  `]]><script>${RUN}</script>`,
  `</title></style></textarea></script><h1>big</h1>`,
  `<meta http-equiv="refresh" content="0;url=http://evil.example">`,
  `<link rel=stylesheet href=//evil.example/x.css>`,
  `<base href="//evil.example/">`,
  `&lt;b&gt;twice&lt;/b&gt; &amp;amp; &#x3C;i&#x3E;`,
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `{{constructor.constructor('${RUN}')()}}`,
  '${7*7}{@html "<b>x</b>"}{#if true}{/if}',
  `'; drop table users; --`,
  `=HYPERLINK("http://evil.example","x")`,
  `+cmd|' /C calc'!A0`,
  `\u202Eexe.gnp\u202C \u2066left\u2069 \u200Fright`,
  `\u202Enever closed`,
  `\u2069\u2069\u202C\u202Eout of its fence`,
  `\u05D3\u05D5\u05D3 (12) \u0645\u0631\u062D\u0628\u0627`,
  `zero\u200Bwidth\u200Djoined\u2060words\uFEFFhere`,
  `${'\u0301'.repeat(60)}zalgo`,
  'W'.repeat(200),
  '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}'.repeat(20),
  `line\u2028separated\u2029twice\u0007bell\u001B[31mred`,
]

/** Never stored: each is refused with a sentence. */
export const REFUSED: readonly (readonly [name: string, text: string])[] = [
  ['NUL', 'nul\0inside'],
  ['half a pair', 'half \uD83D alone'],
  ['the other half', 'half \uDC69 alone'],
  ['10,000 characters', 'x'.repeat(10_000)],
]

interface Walked {
  type: string
  entries?: Record<string, Walked>
  item?: Walked
  wrapped?: Walked
  key?: Walked
  value?: Walked
  options?: readonly unknown[]
}

/** Where a schema takes free text: whatever takes words with a blank between. A path's `0` is the first of an array. */
export function textFields(schema: GenericSchema<unknown, unknown>): string[][] {
  return fieldsOf(schema as unknown as Walked, [])
}

function fieldsOf(schema: Walked, path: string[]): string[][] {
  const within = (one: Walked | undefined, ...more: string[]) => (one ? fieldsOf(one, [...path, ...more]) : [])
  switch (schema.type) {
    case 'string':
      return v.safeParse(schema as never, 'two words').success ? [path] : []
    case 'object':
    case 'strict_object':
    case 'loose_object':
      return Object.entries(schema.entries ?? {}).flatMap(([name, entry]) => within(entry, name))
    case 'array':
      return within(schema.item, '0')
    case 'nullable':
    case 'optional':
      return within(schema.wrapped)
    case 'union':
    case 'variant':
      return (schema.options as Walked[]).flatMap((option) => within(option))
    default:
      return []
  }
}

/** The same value with a text at a path. */
export function withText(value: unknown, [first, ...rest]: readonly string[], text: string): unknown {
  if (first === undefined) return text
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === first ? withText(one, rest, text) : one))
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return { ...record, [first]: withText(record[first], rest, text) }
}
