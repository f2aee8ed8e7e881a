#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`tsws: needs Node 22.12 or later, this is ${process.versions.node}\n`)
  process.exit(1)
}

// Compiled code of the last start is used again, which shortens the next one. (No import: imports come before the question
// which Node this is.)
const { enableCompileCache, flushCompileCache } = process.getBuiltinModule('node:module')
enableCompileCache?.() // Deno has none
// It is written at the end; but some servers are killed.
if (flushCompileCache) setTimeout(flushCompileCache, 5000).unref()

const { main } = await import('./main.ts')
await main(process.argv.slice(2))
