//! The closed shadow roots of a page, found among all nodes that the browser sends.

use std::collections::HashMap;

use serde::Deserialize;

/// A shadow root that scripts cannot reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gather) struct ClosedRoot {
    /// The number by which the browser knows it in every session.
    pub(in crate::gather) node: u32,
    /// The frame that it is in; none if that is the session's own document.
    pub(in crate::gather) frame: Option<String>,
}

/// The answer to `DOM.getFlattenedDocument`, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(in crate::gather) struct Nodes {
    nodes: Vec<DomNode>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DomNode {
    node_id: u32,
    #[serde(default)]
    parent_id: u32,
    frame_id: Option<String>,
    #[serde(default)]
    shadow_roots: Vec<Root>,
    content_document: Option<Document>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Root {
    node_id: u32,
    backend_node_id: u32,
    #[serde(default)]
    shadow_root_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    node_id: u32,
}

/// Closed roots in the order of the document, each with its frame.
pub(in crate::gather) fn closed_roots(all: &Nodes) -> Vec<ClosedRoot> {
    // The parent of each node; roots have the element that bears them.
    let mut parents: HashMap<u32, u32> = HashMap::with_capacity(all.nodes.len());
    // Which document is which frame's.
    let mut frames: HashMap<u32, &str> = HashMap::new();
    let mut closed = Vec::new();
    for node in &all.nodes {
        parents.insert(node.node_id, node.parent_id);
        if let (Some(document), Some(frame)) = (&node.content_document, &node.frame_id) {
            frames.insert(document.node_id, frame);
        }
        for root in &node.shadow_roots {
            parents.insert(root.node_id, node.node_id);
            if root.shadow_root_type == "closed" {
                closed.push(root);
            }
        }
    }
    let frame_of = |root: &Root| {
        let mut at = root.node_id;
        // No chain of parents is longer than there are nodes.
        for _ in 0..=parents.len() {
            if let Some(frame) = frames.get(&at) {
                return Some((*frame).to_owned());
            }
            at = *parents.get(&at)?;
        }
        None
    };
    closed
        .into_iter()
        .map(|root| ClosedRoot { node: root.backend_node_id, frame: frame_of(root) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_root_belongs_to_the_frame_whose_document_it_is_in() {
        let nodes = serde_json::from_value(serde_json::json!({ "nodes": [
            { "nodeId": 1, "nodeName": "#document" },
            { "nodeId": 2, "parentId": 1, "shadowRoots": [
                { "nodeId": 3, "backendNodeId": 30, "shadowRootType": "closed" },
            ] },
            { "nodeId": 4, "parentId": 3, "shadowRoots": [
                { "nodeId": 5, "backendNodeId": 50, "shadowRootType": "open" },
            ] },
            { "nodeId": 6, "parentId": 5, "shadowRoots": [
                { "nodeId": 7, "backendNodeId": 70, "shadowRootType": "closed" },
            ] },
            { "nodeId": 8, "parentId": 7, "frameId": "F", "contentDocument": { "nodeId": 9 } },
            { "nodeId": 10, "parentId": 9, "shadowRoots": [
                { "nodeId": 11, "backendNodeId": 110, "shadowRootType": "closed" },
            ] },
        ] }))
        .unwrap();
        let roots = closed_roots(&nodes);
        let roots: Vec<_> = roots.iter().map(|it| (it.node, it.frame.as_deref())).collect();
        assert_eq!(roots, [(30, None), (70, None), (110, Some("F"))]);
    }

    #[test]
    fn parents_in_a_circle_end() {
        let nodes = serde_json::from_value(serde_json::json!({ "nodes": [
            { "nodeId": 1, "parentId": 2, "shadowRoots": [
                { "nodeId": 2, "backendNodeId": 20, "shadowRootType": "closed" },
            ] },
        ] }))
        .unwrap();
        assert_eq!(closed_roots(&nodes), [ClosedRoot { node: 20, frame: None }]);
    }
}
