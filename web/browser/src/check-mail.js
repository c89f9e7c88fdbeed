import * as openpgp from "openpgp"; import PostalMime from "postal-mime"; console.log(openpgp.config, PostalMime)
