# fish completion of edgeprune. Load it by: edgeprune completion fish | source
function __edgeprune_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    $program __complete $words (commandline -ct) 2>/dev/null
end
complete -c edgeprune -f -a '(__edgeprune_complete)'
