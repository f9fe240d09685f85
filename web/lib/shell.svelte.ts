// Which of the frame's own overlays are open. A module, because pages open them too ("2 need attention" in a table, a key, a link).
let queue = $state(false)
let palette = $state(false)

export const shell = {
  get queueOpen() {
    return queue
  },
  set queueOpen(open: boolean) {
    queue = open
  },
  get paletteOpen() {
    return palette
  },
  set paletteOpen(open: boolean) {
    palette = open
  },
}
