# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_connect_swap_global_optspecs
    string join \n a/app= r/remote= resource= yes confirm= ack= wait-interval= jobs= throttle= json events plain h/help V/version
end

function __fish_connect_swap_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_connect_swap_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_connect_swap_using_subcommand
    set -l cmd (__fish_connect_swap_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c connect-swap -n "__fish_connect_swap_needs_command" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -s V -l version -d 'show the version'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "plan" -d 'show what prep and cutover would do, and what stands in the way; changes nothing'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "prep" -d 'build the new database and Connect add-on and get them ready, while the app runs'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "follow" -d 'keep bringing over what the app changes, between prep and cutover'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "status" -d 'show how far a swap is and what it waits for; changes nothing'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "cutover" -d 'move the app to the new pair in a short window of downtime'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "verify" -d 'check that the new pair holds what the old one held and that data flows; changes nothing'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "rollback" -d 'go back to the old pair'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "cleanup" -d 'destroy the pair that is not in use'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "report" -d 'tell what a swap did, when, and what was verified; changes nothing'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "rehearse" -d 'play a whole swap on this machine: nothing on Heroku or Salesforce is touched'
complete -c connect-swap -n "__fish_connect_swap_needs_command" -f -a "sandbox" -d 'start the servers of a rehearsal and print the environment for another terminal'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l add -d 'column to add to a mapping (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l index -d 'column to index (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l mappings -d 'edited export of the mappings to use instead of the live one' -r -F
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l as -d 'name under which the new database is attached until the cutover' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l skip -d 'object to leave out, by a kind and name that plan shows (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l include -d 'object to carry over though it would be left out (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l plan -d 'plan of the new database (default: the plan of the live one)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand plan" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l add -d 'column to add to a mapping (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l index -d 'column to index (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l mappings -d 'edited export of the mappings to use instead of the live one' -r -F
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l as -d 'name under which the new database is attached until the cutover' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l skip -d 'object to leave out, by a kind and name that plan shows (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l include -d 'object to carry over though it would be left out (repeatable)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l plan -d 'plan of the new database (default: the plan of the live one)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l capture-limit -d 'disk space that the logs of changed rows may take in the live database' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand prep" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l every -d 'pause between two rounds, a second or more' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l once -d 'make one round and end'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand follow" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l watch -d 'look again at every --wait-interval until Ctrl-C'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand status" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l max-downtime -d 'go back by itself when the window is open for longer than this' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l refresh-in-window -d 'refresh materialized views whose tables changed before the app is up again, not after'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cutover" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand verify" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rollback" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand cleanup" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand report" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l export -d 'export of a real connection to take the mappings from' -r -F
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l rows -d 'rows of the largest table' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l speed -d 'how many times faster than real time its clock runs' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l add -d 'column to add to a mapping (default: one that fits the mappings)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l keep -d 'keep the servers running afterwards, until Ctrl-C'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand rehearse" -s h -l help -d 'show this help (-h: in short)'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l export -d 'export of a real connection to take the mappings from' -r -F
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l rows -d 'rows of the largest table' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l speed -d 'how many times faster than real time its clock runs' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -s a -l app -d 'app to run the command against' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -s r -l remote -d 'git remote of the app; only the Heroku CLI can resolve it' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l resource -d 'name of the Connect add-on to replace, where the app has several' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l confirm -d 'agree to downtime and destruction by naming the app, or the add-on that is destroyed' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l ack -d 'accept a blocking finding by its code' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l wait-interval -d 'seconds between two looks at something slow' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l jobs -d 'how many workers copy tables at once (default: what machine and databases allow)' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l throttle -d 'copy no faster than this, such as 20MB/s' -r
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l yes -d 'agree to everything that can be put back or costs money'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l json -d 'print the result as one JSON document'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l events -d 'print what happens as JSON, one object a line; the last one is the summary'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -l plain -d 'no colours, no animation: one line with its time for each thing that happens'
complete -c connect-swap -n "__fish_connect_swap_using_subcommand sandbox" -s h -l help -d 'show this help (-h: in short)'
