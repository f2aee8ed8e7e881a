#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Compiled code of the last start is used again: about a third of the start-up time.
enableCompileCache()

const { main } = await import('./main.ts')
await main(process.argv.slice(2))
