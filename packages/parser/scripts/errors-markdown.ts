import { ERRORS } from '../src/index.ts'

/** `docs/errors.md`, made from the table in the code. */
export function errorsMarkdown(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, section, message }]) =>
      `| \`${code}\` | ${status} | ${section} | ${message.replaceAll('|', '\\|')} |`,
  )
  return [
    '# Errors of @tsws/parser',
    '',
    'Made from `packages/parser/src/error-table.ts` by `node packages/parser/scripts/write-errors.ts`; a test keeps the two',
    'equal.',
    '',
    'Every `ParseError` has a `code`, the `status` a server should answer before it closes the connection, the `section`',
    'of the rule, the `offset` of the offending byte counted from the first byte of the stream, and an escaped `excerpt`',
    'that ends with that byte. A `ResponseParser` gives every error the status 502: it is what a gateway answers.',
    '',
    '| Code | Status | Rule | What was wrong and what was expected |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
