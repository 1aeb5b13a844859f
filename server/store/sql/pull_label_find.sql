select stands from pull_labels where ecosystem = $1 and number = repository_key($3, $2)
