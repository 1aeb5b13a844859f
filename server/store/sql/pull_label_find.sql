select stands from pull_labels where ecosystem = $1 and number = $2
