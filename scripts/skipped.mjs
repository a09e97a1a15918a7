/**
 * What the tests of a program say they skipped, one line each and each once.
 *
 * A test that passes is silent unless its program was started with `--show-output`, so nobody would
 * hear that it looked at nothing.
 */
export function skipped(output) {
  const lines = output.split('\n').map((line) => line.trim())
  return [...new Set(lines.filter((line) => /^skipped\b/.test(line)))]
}
