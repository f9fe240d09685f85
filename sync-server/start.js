// The entry, in plain JavaScript, so that a Node too old to read the rest says so in one line.
const OLDEST = 26
if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `Quartermaster needs Node ${OLDEST} or newer; this is ${process.versions.node}. Run it by npm (npm start), which brings its own.\n`,
  )
  process.exit(1)
}
await import('./main.ts')
