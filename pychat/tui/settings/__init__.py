"""What a person may set, in config.toml and from within: read at start, written when changed.

Reading loads neither Textual nor tomlkit. `schema` says what there is, `reading` reads it,
`options` says it in words, `writing` changes the file, `live` is for widgets.
"""
