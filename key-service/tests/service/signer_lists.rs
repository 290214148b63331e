//! Lists of heads are complete whatever SQL has put among them.

use api::key::v1::{Head, ListHeadsRequest, Segment};

use crate::support::{Calls, Chain, World};

async fn heads(audit: &mut Calls, page_size: i32) -> Vec<Head> {
    let (mut heads, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListHeadsRequest { page_size, page_token };
        let page = audit.signer.list_heads(request).await.unwrap().into_inner();
        heads.extend(page.heads);
        if page.next_page_token.is_empty() {
            return heads;
        }
        page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn a_name_that_is_none_hides_no_log() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    for log in ["logs/a", "logs/b", "logs/c"] {
        Chain::new(log).seal(&mut audit, [1]).await;
        let ahead = Segment { first_index: Some(7), ..Chain::new(log).segment([1]).0 };
        audit.seal_one(ahead).await;
    }
    let altered = "UPDATE signer_alarms SET log_name = 'logs/aa!' WHERE log_name = 'logs/b'";
    world.sql().await.batch_execute(altered).await.unwrap();
    for page_size in [1, 2, 100] {
        let heads = heads(&mut audit, page_size).await;
        let usable: Vec<_> = heads.iter().map(|head| (head.log.as_str(), !head.unusable)).collect();
        assert_eq!(usable, [("logs/a", true), ("logs/b", false), ("logs/c", true)], "{page_size}");
    }
}
