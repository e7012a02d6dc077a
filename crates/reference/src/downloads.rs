//! Files for other tools.

use rollcall_codegen::Json;

use crate::{
    catalog::Catalog,
    pages::{Reference, Site},
    postman,
    views::{Download, Downloads},
};

const COLLECTION: &str = ".postman_collection.json";
const ENVIRONMENT: &str = ".postman_environment.json";

/// Returns the list.
pub(crate) fn list(catalogs: &[Catalog], site: &Site<'_>) -> Downloads {
    let download = |catalog: &Catalog| Download {
        name: catalog.name.clone(),
        description: format!("/openapi/{}.json", catalog.id),
        postman: postman::is_there(catalog).then(|| {
            let at = |kind: &str| format!("/reference/downloads/{}{kind}", catalog.id);
            [at(COLLECTION), at(ENVIRONMENT)]
        }),
    };
    Downloads { downloads: catalogs.iter().map(download).collect(), base_url: site.base_url.to_owned() }
}

/// Returns a file of the list. `None` if it is not in the list.
pub(crate) fn find(reference: &Reference, file: &str, site: &Site<'_>) -> Option<Json> {
    if let Some(id) = file.strip_suffix(COLLECTION) {
        postman::collection(reference.find(id)?, site.base_url)
    } else {
        postman::environment(reference.find(file.strip_suffix(ENVIRONMENT)?)?, site.base_url, site.examples)
    }
}
