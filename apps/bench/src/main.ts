import { parseArguments, USAGE } from './arguments.ts'
import { killAllAtExit } from './processes.ts'
import { runCommand } from './run-command.ts'

killAllAtExit()
try {
  const parsed = parseArguments(process.argv.slice(2))
  if (parsed.help) console.log(USAGE)
  else process.exitCode = await runCommand(parsed)
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error)
  process.exitCode = 1
}
process.exit()
