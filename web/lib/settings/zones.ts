// Finding a time zone among four hundred: by place, former name, or what its clocks are ahead of UTC. Pure.
import { fold } from '#lib/replica/roster.ts'
import type { Instant } from '#shared/model.ts'
import { formerName, minutesAhead, zonesToChoose, zoneWords } from '#shared/time-zones.ts'

/** More than anybody reads; typing brings the others. */
const DRAWN = 100

/** The zones that fit what was typed, the chosen one first while nothing is; `more`: fitting ones that are not shown. */
export function findZones(text: string, chosen: string, now: Instant): { shown: string[]; more: number } {
  const wanted = fold(text.trim()).split(/\s+/).filter(Boolean)
  const others = zonesToChoose().filter((zone) => zone !== chosen)
  const fitting = [chosen, ...others].filter((zone) => {
    const words = fold(`${zoneWords(zone)} ${zoneWords(formerName(zone) ?? '')}`)
    return wanted.every((word) => words.includes(word) || isOffset(word, zone, now))
  })
  return { shown: fitting.slice(0, DRAWN), more: Math.max(0, fitting.length - DRAWN) }
}

/** "utc+1", "+5:30", "-3": a part of an hour only where it is typed. */
function isOffset(word: string, zone: string, now: Instant): boolean {
  if (!/^(utc)?[+−-]\d/.test(word)) return false
  const typed = word.replace('utc', '').replace('-', '−')
  return offsetWords(zone, now).slice(3) === typed
}

/** "UTC+1", "UTC+5:30", "UTC−3", "UTC". */
export function offsetWords(zone: string, now: Instant): string {
  const ahead = minutesAhead(zone, now)
  if (ahead === 0) return 'UTC'
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60]
  return `UTC${ahead < 0 ? '−' : '+'}${hours}${minutes > 0 ? `:${String(minutes).padStart(2, '0')}` : ''}`
}
