/** The Heroku CLI's own command library. */
import {loadModule} from './running-cli.js'

const LIBRARY = '@heroku-cli/command'

/** What is used of a command. */
export interface HerokuCommand {
  argv: string[]
  error(message: string, options: {exit: number; suggestions?: string[]}): never
  heroku: {
    get(path: string): Promise<unknown>
    getAuth(): Promise<string | undefined>
  }
  parse(options: object, argv?: string[]): Promise<{flags: Record<string, unknown>}>
  parsed: boolean
  warn(message: string): unknown
}

/** What is used of the library. */
export interface HerokuLibrary {
  readonly Command: {
    baseFlagsWithoutPrompt(): Record<string, unknown>
    new (argv: string[], config: unknown): HerokuCommand
  }
  readonly flags: {
    app(options: {required: boolean}): unknown
    remote(): unknown
  }
}

/** Loads the running CLI's copy, else the plugin's own. */
export async function loadHeroku(): Promise<HerokuLibrary> {
  const library = await loadModule(LIBRARY)
  if (library === undefined) throw new Error(`${LIBRARY} was not found: run this plugin with the Heroku CLI`)
  return library as HerokuLibrary
}
