// The entry, in plain JavaScript, so that a Node too old to read the rest says so in one line.
const OLDEST = 26
if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `Quartermaster needs Node ${OLDEST} or newer; this is ${process.versions.node}. Run it by npm (npm start), which brings its own.\n`,
  )
  process.exit(1)
}
// Half the time of a short command goes to taking the types out of its sources: what came of it is kept beside the packages.
const { enableCompileCache } = await import('node:module')
enableCompileCache(`${import.meta.dirname}/../node_modules/.cache/node`)
await import('./main.ts')
