// Which rows of a long table exist: those in sight, with some around them. The others are two spacers, so that the page scrolls as
// through all of them. For tables that scroll with the page.

/** Rows beyond the window are made in steps, so that not every pixel of scrolling makes one. */
const STEP = 10
/** Rows that one task makes where all in sight are new. */
const AT_ONCE = 12

const afterFrame = (run: () => void) => requestAnimationFrame(() => setTimeout(run))

/** @param body the table's body; rows in it carry `data-index`. Call `look` on scroll, on resize and when the number of rows changes. */
export function createWindowRows(body: () => HTMLElement | undefined, total: () => number) {
  let height = $state(36)
  let from = $state(0)
  let to = $state(60)
  let made = $state(Infinity)

  /** A dozen, and a frame that lays them out, until those in sight are there. */
  function makeMore(): void {
    made = from + made < to ? made + AT_ONCE : Infinity
    if (made !== Infinity) afterFrame(makeMore)
  }

  return {
    /** Other rows are about to come, all at once. */
    begin(): void {
      made = AT_ONCE
      afterFrame(makeMore)
    },
    look(): void {
      const element = body()
      if (!element) return
      const row = element.querySelector<HTMLElement>('tr[data-index]')
      if (row) height = row.getBoundingClientRect().height || height
      const top = -element.getBoundingClientRect().top
      from = Math.max(0, Math.floor(top / height / STEP) * STEP - STEP)
      to = Math.max(STEP, Math.ceil((top + innerHeight) / height / STEP) * STEP + STEP)
    },
    get from() {
      return Math.min(from, Math.max(0, Math.floor((total() - 1) / STEP) * STEP))
    },
    get to() {
      return Math.min(to, this.from + made, total())
    },
    /** Pixels of the rows above and below those that exist. */
    get above() {
      return this.from * height
    },
    get below() {
      return Math.max(0, total() - this.to) * height
    },
  }
}
