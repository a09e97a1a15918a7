
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'connect-swap' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'connect-swap'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'connect-swap' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'show the version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'show the version')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'show what prep and cutover would do, and what stands in the way; changes nothing')
            [CompletionResult]::new('prep', 'prep', [CompletionResultType]::ParameterValue, 'build the new database and Connect add-on and get them ready, while the app runs')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'keep bringing over what the app changes, between prep and cutover')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'show how far a swap is and what it waits for; changes nothing')
            [CompletionResult]::new('cutover', 'cutover', [CompletionResultType]::ParameterValue, 'move the app to the new pair in a short window of downtime')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'check that the new pair holds what the old one held and that data flows; changes nothing')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'go back to the old pair')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'destroy the pair that is not in use')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'tell what a swap did, when, and what was verified; changes nothing')
            [CompletionResult]::new('rehearse', 'rehearse', [CompletionResultType]::ParameterValue, 'play a whole swap on this machine: nothing on Heroku or Salesforce is touched')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'start the servers of a rehearsal and print the environment for another terminal')
            break
        }
        'connect-swap;plan' {
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'column to add to a mapping (repeatable)')
            [CompletionResult]::new('--index', '--index', [CompletionResultType]::ParameterName, 'column to index (repeatable)')
            [CompletionResult]::new('--mappings', '--mappings', [CompletionResultType]::ParameterName, 'edited export of the mappings to use instead of the live one')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'name under which the new database is attached until the cutover')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'object to leave out, by a kind and name that plan shows (repeatable)')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'object to carry over though it would be left out (repeatable)')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'plan of the new database (default: the plan of the live one)')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;prep' {
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'column to add to a mapping (repeatable)')
            [CompletionResult]::new('--index', '--index', [CompletionResultType]::ParameterName, 'column to index (repeatable)')
            [CompletionResult]::new('--mappings', '--mappings', [CompletionResultType]::ParameterName, 'edited export of the mappings to use instead of the live one')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'name under which the new database is attached until the cutover')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'object to leave out, by a kind and name that plan shows (repeatable)')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'object to carry over though it would be left out (repeatable)')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'plan of the new database (default: the plan of the live one)')
            [CompletionResult]::new('--capture-limit', '--capture-limit', [CompletionResultType]::ParameterName, 'disk space that the logs of changed rows may take in the live database')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;follow' {
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'pause between two rounds, a second or more')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'make one round and end')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;status' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'look again at every --wait-interval until Ctrl-C')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;cutover' {
            [CompletionResult]::new('--max-downtime', '--max-downtime', [CompletionResultType]::ParameterName, 'go back by itself when the window is open for longer than this')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--refresh-in-window', '--refresh-in-window', [CompletionResultType]::ParameterName, 'refresh materialized views whose tables changed before the app is up again, not after')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;verify' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;rollback' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;cleanup' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;report' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;rehearse' {
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'export of a real connection to take the mappings from')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'rows of the largest table')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'how many times faster than real time its clock runs')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'column to add to a mapping (default: one that fits the mappings)')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'keep the servers running afterwards, until Ctrl-C')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
        'connect-swap;sandbox' {
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'export of a real connection to take the mappings from')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'rows of the largest table')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'how many times faster than real time its clock runs')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'app to run the command against')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'git remote of the app; only the Heroku CLI can resolve it')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'name of the Connect add-on to replace, where the app has several')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'agree to downtime and destruction by naming the app, or the add-on that is destroyed')
            [CompletionResult]::new('--ack', '--ack', [CompletionResultType]::ParameterName, 'accept a blocking finding by its code')
            [CompletionResult]::new('--wait-interval', '--wait-interval', [CompletionResultType]::ParameterName, 'seconds between two looks at something slow')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'how many workers copy tables at once (default: what machine and databases allow)')
            [CompletionResult]::new('--throttle', '--throttle', [CompletionResultType]::ParameterName, 'copy no faster than this, such as 20MB/s')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'agree to everything that can be put back or costs money')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'print the result as one JSON document')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'print what happens as JSON, one object a line; the last one is the summary')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'no colours, no animation: one line with its time for each thing that happens')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'show this help (-h: in short)')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
