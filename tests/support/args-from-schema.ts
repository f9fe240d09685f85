// Random args for an action, read off its own schema: so that a new action meets the properties and the simulation at once, from its
// definition alone. Actions whose args must hang together (an address that is free, a field's present value) have a maker of their own.
import type { GenericSchema } from 'valibot'

/** What the values are drawn from. */
export interface Draw {
  /** 0 ≤ i < below */
  int(below: number): number
  userId(): string
  groupId(): string
  productId(): string
  text(): string
}

/** The parts of a Valibot schema that are walked here. */
interface Walked {
  type: string
  entries?: Record<string, Walked>
  item?: Walked
  wrapped?: Walked
  options?: readonly unknown[]
  literal?: unknown
  pipe?: readonly { type: string; name?: string; requirement?: unknown }[]
}

/** A value that the schema takes. @throws for a kind of schema that is not known here yet: add it, or a maker for the action */
export const argsFromSchema = (schema: GenericSchema<unknown, unknown>, draw: Draw): unknown =>
  valueOf(schema as unknown as Walked, draw)

function valueOf(schema: Walked, draw: Draw): unknown {
  const brand = schema.pipe?.find(({ type }) => type === 'brand')?.name
  if (brand === 'UserId') return draw.userId()
  if (brand === 'GroupId') return draw.groupId()
  if (brand === 'ProductId') return draw.productId()
  switch (schema.type) {
    case 'strict_object':
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.entries ?? {}).flatMap(([key, entry]) =>
          entry.type === 'optional' && draw.int(3) === 0 ? [] : [[key, valueOf(entry, draw)]],
        ),
      )
    case 'array':
      return Array.from({ length: 1 + draw.int(3) }, () => valueOf(inner(schema.item), draw))
    case 'nullable':
      return draw.int(4) === 0 ? null : valueOf(inner(schema.wrapped), draw)
    case 'optional':
      return valueOf(inner(schema.wrapped), draw)
    case 'picklist':
      return schema.options?.[draw.int(schema.options.length)]
    case 'union':
    case 'variant':
      return valueOf(inner((schema.options as Walked[] | undefined)?.[draw.int(schema.options?.length ?? 0)]), draw)
    case 'literal':
      return schema.literal
    case 'string':
      return draw.text()
    case 'number':
      return draw.int(10_000)
    case 'boolean':
      return draw.int(2) === 0
    default:
      throw new Error(
        `argsFromSchema can't make a ${schema.type} yet: teach it, or give the action a maker of its own.`,
      )
  }
}

function inner(schema: Walked | undefined): Walked {
  if (!schema) throw new Error('The schema has nothing inside.')
  return schema
}
